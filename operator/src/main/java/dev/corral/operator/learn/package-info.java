/** From what a run in mode Learn was seen to do to the smallest permissions that cover it. Pure; the gateway asks it. */
@NullMarked
package dev.corral.operator.learn;

import org.jspecify.annotations.NullMarked;
