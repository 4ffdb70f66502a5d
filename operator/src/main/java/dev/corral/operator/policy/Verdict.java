package dev.corral.operator.policy;

import java.util.List;

/** What the policies say to a request. */
public sealed interface Verdict {
    /** It may run, with exactly these permissions. {@code audited} is what policies in Audit would take from it. */
    record Granted(EffectivePermissions effective, List<String> audited) implements Verdict {
        public Granted {
            audited = List.copyOf(audited);
        }
    }

    /** It may not run; the denials are all that stand in its way, sorted, and at most {@link #MOST}. */
    record Denied(List<Denial> denials) implements Verdict {
        public static final int MOST = 32;

        public Denied {
            if (denials.isEmpty()) {
                throw new IllegalArgumentException("denied without a denial");
            }
            denials = Denial.shortened(denials, MOST);
        }
    }
}
