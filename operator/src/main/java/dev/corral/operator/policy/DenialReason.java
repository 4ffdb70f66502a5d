package dev.corral.operator.policy;

/** Why something was refused. Each says what its reader should do; the remedy of the {@link Denial} says it in YAML. */
public enum DenialReason {
    /** No cluster policy is about this execution: ask an administrator for one, or for a label on the namespace. */
    NoPolicy,
    /** A policy about this execution cannot be read: its author must correct the fields named. */
    PolicyMalformed,
    /** No policy about this execution allows {@code mode: Learn}: run it, or ask for {@code learn: Allowed}. */
    LearnNotAllowed,
    /** The image has no digest: pin it, or ask for a policy with {@code imageReferences: Tag}. */
    ImageNotPinned,
    /** This version cannot enforce the permission, and a permission nobody enforces is not granted: do not ask for it. */
    NotEnforceable,
    /** The handler or the execution asks for more than the plugin does: narrow it, or let the plugin ask for it. */
    ExceedsPlugin,
    /** No cluster policy grants the connection: ask for the grant shown, or do not ask for the connection. */
    NetworkNotGranted,
    /** No cluster policy grants the variable: ask for the grant shown. */
    EnvNotGranted,
    /** No cluster policy grants the Secret or one of its keys: ask for the grant shown. */
    SecretNotGranted,
    /** No cluster policy grants the artifact, or only one of another plugin's: ask for the grant shown. */
    ArtifactNotGranted,
    /** No cluster policy grants the topic: ask for the grant shown. */
    EventNotGranted,
    /** No cluster policy grants this permission: ask for the grant shown. */
    PermissionNotGranted,
    /** A policy of the namespace does not list it: ask whoever owns the namespace. */
    NarrowedByNamespace,
    /** A policy denies it, and a deny always wins: ask for something else, or its author to withdraw it. */
    DeniedByPolicy,
    /** The address block belongs to the platform and is never opened: use a peer or a named service. */
    ReservedRange,
    /** The service is granted, but no policy that grants it says where it is: an administrator must define it. */
    UndefinedService,
    /** Two policies mean different pods by one service name: an administrator must rename one. */
    AmbiguousService,
    /** The execution sets a variable that the plugin does not ask for: let the plugin ask for it, or leave it out. */
    EnvNotAsked,
    /** The execution names a Secret or a key that the plugin does not ask for: let the plugin ask for it, or leave it out. */
    SecretNotAsked,
    /** The execution names an artifact that the plugin does not ask for: let the plugin ask for it, or leave it out. */
    ArtifactNotAsked,
    /** The execution names a directory of a claim that the plugin does not ask for: let the plugin ask for it, or leave it out. */
    ClaimNotAsked,
    /** Neither the execution nor the plugin names keys of the Secret: name them. */
    SecretKeysUnnamed,
    /** No policy about this execution says what the capability means: ask an administrator for one that defines it. */
    CapabilityUnknown,
    /** The handler or the execution leaves out what a capability it requires stands for: add it, or leave the capability out. */
    CapabilityIncomplete,
    /** Policies about this execution demand different nodes, priorities or runtimes: an administrator must reconcile them. */
    PlacementConflict,
    /** No cluster policy allows so high a priority: ask for less, or for a policy with a higher maxPriority. */
    PriorityNotAllowed,
    /** It would be granted, or denied by name, more than the status of a run holds: ask for less, or for wildcards. */
    TooMany,
    /** There are more denials than fit: answer the first ones. */
    MoreDenials;

    /** Whether another ClusterPluginPolicy, granting what is asked, takes the denial away. */
    boolean answeredByGrant() {
        return switch (this) {
            case NoPolicy,
                    ImageNotPinned,
                    NetworkNotGranted,
                    EnvNotGranted,
                    SecretNotGranted,
                    ArtifactNotGranted,
                    EventNotGranted,
                    PermissionNotGranted,
                    CapabilityUnknown -> true;
            case PolicyMalformed,
                    NotEnforceable,
                    ExceedsPlugin,
                    NarrowedByNamespace,
                    DeniedByPolicy,
                    ReservedRange,
                    UndefinedService,
                    AmbiguousService,
                    EnvNotAsked,
                    SecretNotAsked,
                    ArtifactNotAsked,
                    ClaimNotAsked,
                    SecretKeysUnnamed,
                    LearnNotAllowed,
                    CapabilityIncomplete,
                    PlacementConflict,
                    PriorityNotAllowed,
                    TooMany,
                    MoreDenials -> false;
        };
    }
}
