"""Verkada: plate reads, camera state and cameras."""
