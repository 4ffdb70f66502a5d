package dev.corral.operator.policy;

/** Whether a policy counts. */
public enum Mode {
    /** It does. */
    ENFORCE,
    /** It grants nothing and refuses nothing; what it would refuse or lower is recorded with the verdict. */
    AUDIT
}
