package dev.corral.operator.permission;

/** The sections of the vocabulary. A handler or an execution that writes one replaces it, and may only narrow it. */
public enum Section {
    FILES,
    NETWORK,
    ENV,
    SECRETS,
    COMMANDS,
    INVOKE,
    ARTIFACTS,
    EVENTS,
    STATE,
    CAPABILITIES,
    /** Field by field the smallest of all layers holds, so this section is never replaced. */
    LIMITS
}
