/** Documents of strangers against schemas of strangers, at a bounded cost. Neighbours: decide, gateway. */
@NullMarked
package dev.corral.operator.schema;

import org.jspecify.annotations.NullMarked;
