package dev.corral.operator.permission;

import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The grammar of Kubernetes label keys, label values and object names. */
public final class Labels {
    private static final String NAME = "[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?";
    private static final String SUBDOMAIN = "[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*";
    private static final Pattern KEY = Pattern.compile("(?:(?=.{1,253}/)" + SUBDOMAIN + "/)?" + NAME);
    private static final Pattern VALUE = Pattern.compile("(?:" + NAME + ")?");
    private static final Pattern OBJECT_NAME = Pattern.compile("(?=.{1,253}$)" + SUBDOMAIN);
    private static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?");

    private Labels() {}

    public static boolean isKey(String text) {
        return KEY.matcher(text).matches();
    }

    public static boolean isValue(String text) {
        return VALUE.matcher(text).matches();
    }

    /** The name of most objects: a DNS subdomain. */
    public static boolean isObjectName(String text) {
        return OBJECT_NAME.matcher(text).matches();
    }

    /** The name of a namespace: a DNS label. */
    public static boolean isDnsLabel(String text) {
        return DNS_LABEL.matcher(text).matches();
    }

    /** What is wrong with these labels, or null. */
    public static @Nullable String problemOf(Map<String, String> labels) {
        for (Map.Entry<String, String> label : labels.entrySet()) {
            if (!isKey(label.getKey())) {
                return Text.quoted(label.getKey()) + " is no label key; write app or example.org/app";
            }
            if (!isValue(label.getValue())) {
                return Text.quoted(label.getValue()) + " is no label value; letters, digits, -, _ and ., at most 63";
            }
        }
        return null;
    }
}
