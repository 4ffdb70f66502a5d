package dev.corral.api.v1alpha1;

/** The claim: this pod, by this session, runs this attempt. Written once per attempt, by one optimistic-locked write. */
public record Attempt(Integer number, String pod, String podUID, String session, String claimTime) {}
