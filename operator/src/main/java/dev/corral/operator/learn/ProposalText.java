package dev.corral.operator.learn;

import dev.corral.operator.permission.Grantable;
import dev.corral.operator.permission.LimitField;
import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.permission.Permissions;
import dev.corral.operator.permission.Yaml;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A proposal as YAML for a pull request: one entry a line, so that a reviewer can strike single ones. */
public final class ProposalText {
    private ProposalText() {}

    /** What goes below {@code permissions:} of the plugin. {@code origin} names the run it was learned from. */
    public static String yaml(Proposal proposal, String origin) {
        List<String> lines = new ArrayList<>();
        lines.add("# Learned from " + origin + ": what this one run used. Another input may need more.");
        proposal.notes().forEach(note -> lines.add("# Not covered: " + note));
        lines.add("permissions:");
        lines.addAll(sections(proposal.permissions()));
        lines.addAll(limits(proposal.permissions()));
        if (lines.getLast().equals("permissions:")) {
            lines.set(lines.size() - 1, "permissions: {}");
        }
        return String.join("\n", lines) + "\n";
    }

    private static List<String> sections(Permissions permissions) {
        List<String> lines = new ArrayList<>();
        String open = "";
        for (PermissionField field : PermissionField.values()) {
            List<? extends Grantable> items = permissions.items(field);
            if (items.isEmpty()) {
                continue;
            }
            int dot = field.path().indexOf('.');
            String indent = "  ";
            if (dot >= 0) {
                String section = field.path().substring(0, dot);
                if (!section.equals(open)) {
                    lines.add("  " + section + ":");
                }
                open = section;
                indent = "    ";
            }
            lines.add(indent + field.path().substring(dot + 1) + ":");
            for (Grantable item : items) {
                lines.add(indent + "  - " + Yaml.item(item));
            }
        }
        return lines;
    }

    private static List<String> limits(Permissions permissions) {
        List<String> lines = new ArrayList<>();
        for (LimitField field : LimitField.values()) {
            permissions
                    .limits()
                    .get(field)
                    .ifPresent(value -> lines.add("    " + field.fieldName() + ": " + field.text(value)));
        }
        if (!lines.isEmpty()) {
            lines.addFirst("  limits:");
        }
        return lines;
    }

    /** As much of it as fits into that many bytes, by whole lines, saying that there is more. */
    public static String shortened(String yaml, int bytes) {
        if (yaml.getBytes(StandardCharsets.UTF_8).length <= bytes) {
            return yaml;
        }
        String more = "# There is more, in the artifact.\n";
        StringBuilder kept = new StringBuilder();
        int room = bytes - more.length();
        for (String line : yaml.lines().toList()) {
            room -= line.getBytes(StandardCharsets.UTF_8).length + 1;
            if (room < 0) {
                break;
            }
            kept.append(line).append('\n');
        }
        return kept.append(more).toString();
    }
}
