package dev.corral.api.v1alpha1;

/** The conditions of an execution. The last three are what kstatus, Flux and {@code kubectl wait} read. */
public enum ConditionType {
    /** Policy grants all that is asked for. False is final. */
    PermissionsGranted,
    /** The sandbox proved itself from inside the pod before plugin code could start. */
    SandboxVerified,
    /** Plugin code is running now. */
    Running,
    /** The end: True or False once, never changed again. */
    Succeeded,
    /** True when the execution ended well. */
    Ready,
    /** True while the controller works on it. */
    Reconciling,
    /** True when it ended badly and nothing more will happen; of what does not end, when somebody must change something first. */
    Stalled
}
