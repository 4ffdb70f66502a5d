/** The one edge to the API server: the only package with a Kubernetes client. */
@NullMarked
package dev.corral.operator.cluster;

import org.jspecify.annotations.NullMarked;
