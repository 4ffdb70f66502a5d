/**
 * The certificates between launchers and gateway: what to keep, what to make, and when, as a function of what there is and the time. No
 * client here: the controller puts {@link dev.corral.operator.tls.Material} into Secrets, the gateway reads its part of them.
 */
@NullMarked
package dev.corral.operator.tls;

import org.jspecify.annotations.NullMarked;
