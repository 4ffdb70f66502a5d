package dev.corral.api.v1alpha1;

/** What became of the handler's events. */
public record EventTotals(Integer emitted, Integer published, Integer dropped, Integer denied) {}
