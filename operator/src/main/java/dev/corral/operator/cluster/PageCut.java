package dev.corral.operator.cluster;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.function.UnaryOperator;

/**
 * The answer to a list, as it arrives. What stands between {@code [} and {@code ]} of its outermost object are the objects listed: each
 * passes when it is whole, and a large one as what {@code slim} makes of it. Everything else passes at once.
 */
final class PageCut {
    /** Bytes of an object that passes as it is; what its tree takes is kept for one page. */
    static final int SMALL = 16 * 1024;

    private final UnaryOperator<byte[]> slim;
    private ByteArrayOutputStream object = new ByteArrayOutputStream();
    private int depth;
    private boolean listing;
    private boolean text;
    private boolean escaped;

    PageCut(UnaryOperator<byte[]> slim) {
        this.slim = slim;
    }

    /** What passes now that these bytes have come. */
    byte[] next(ByteBuffer arrived) {
        byte[] bytes = new byte[arrived.remaining()];
        arrived.get(bytes);
        ByteArrayOutputStream passes = new ByteArrayOutputStream(bytes.length);
        int begin = 0;
        boolean inside = isInside();
        for (int i = 0; i < bytes.length; i++) {
            count(bytes[i]);
            if (inside && !isInside()) {
                object.write(bytes, begin, i + 1 - begin);
                pass(passes);
                begin = i + 1;
            } else if (!inside && isInside()) {
                passes.write(bytes, begin, i - begin);
                begin = i;
            }
            inside = isInside();
        }
        (inside ? object : passes).write(bytes, begin, bytes.length - begin);
        return passes.toByteArray();
    }

    private boolean isInside() {
        return listing && depth > 2;
    }

    private void pass(ByteArrayOutputStream passes) {
        byte[] whole = object.toByteArray();
        if (whole.length > SMALL) {
            passes.writeBytes(slim.apply(whole));
            object = new ByteArrayOutputStream(); // not to keep the room for the largest
        } else {
            passes.writeBytes(whole);
            object.reset();
        }
    }

    /** Brackets, quotes and backslashes are single bytes that are part of no other character. */
    private void count(byte next) {
        if (text) {
            text = escaped || next != '"';
            escaped = !escaped && next == '\\';
            return;
        }
        switch (next) {
            case '"' -> text = true;
            case '{' -> depth++;
            case '}' -> depth--;
            case '[' -> listing |= ++depth == 2;
            case ']' -> listing &= --depth != 1;
            default -> {}
        }
    }
}
