/** Turns a plan into the objects of Kubernetes: pod and network policies. Uses the model, never a client. */
@NullMarked
package dev.corral.operator.render;

import org.jspecify.annotations.NullMarked;
