package dev.corral.operator.policy;

import dev.corral.operator.permission.CidrBlock;
import dev.corral.operator.permission.CidrGrant;
import java.util.Collection;
import java.util.List;

/** A granted address block without the blocks inside it that are denied or belong to the platform. */
public record CidrRule(CidrGrant grant, List<CidrBlock> except) implements Comparable<CidrRule> {
    public CidrRule {
        if (!except.stream().allMatch(block -> grant.block().contains(block) && !block.equals(grant.block()))) {
            throw new IllegalArgumentException(grant + " except " + except);
        }
        except = AlwaysExcepted.outermost(except);
    }

    static CidrRule without(CidrGrant grant, Collection<CidrBlock> blocks) {
        return new CidrRule(
                grant,
                blocks.stream()
                        .filter(block -> grant.block().contains(block) && !block.equals(grant.block()))
                        .toList());
    }

    @Override
    public int compareTo(CidrRule other) {
        int byGrant = grant.compareTo(other.grant);
        return byGrant != 0 ? byGrant : except.toString().compareTo(other.except.toString());
    }

    @Override
    public String toString() {
        return grant
                + (except.isEmpty()
                        ? ""
                        : " except "
                                + String.join(
                                        " ",
                                        except.stream().map(CidrBlock::toString).toList()));
    }
}
