"""Adapters: the world behind the ports. Bootstrap chooses among them; no service imports one."""
