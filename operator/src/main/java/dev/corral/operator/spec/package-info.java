/**
 * The only place that knows both the API records and the core: reads what people wrote into requests and rules, or into violations
 * with the exact path of the field. Tolerates null everywhere, since objects may be older than the schema that now guards them.
 * Neighbours: {@code api}, {@code policy}, {@code permission}.
 */
@NullMarked
package dev.corral.operator.spec;

import org.jspecify.annotations.NullMarked;
