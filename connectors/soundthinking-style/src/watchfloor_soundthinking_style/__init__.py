"""Gunshot incidents pushed as XML, in the style of SoundThinking."""
