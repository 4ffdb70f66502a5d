/**
 * Who may do what: policies and a request in, a {@link dev.corral.operator.policy.Verdict} out. Pure, independent of any order, and
 * explained: every effective permission names the policy it came from, every refusal what would allow it. Neighbours: {@code spec}
 * builds requests and rules from the API, {@code plan} turns granted permissions into a pod's shape.
 */
@NullMarked
package dev.corral.operator.policy;

import org.jspecify.annotations.NullMarked;
