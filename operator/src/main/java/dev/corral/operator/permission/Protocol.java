package dev.corral.operator.permission;

/** Transport protocols a network permission can name; TCP where none is written. */
public enum Protocol {
    TCP,
    UDP
}
