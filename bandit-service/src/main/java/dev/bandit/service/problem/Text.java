package dev.bandit.service.problem;

/** Text that callers send and we keep. */
public final class Text {

    private Text() {}

    /** Whether it has 1 to max characters, none of them a control character or half a surrogate pair: Postgres keeps such text as it is. */
    public static boolean printable(String text, int max) {
        if (text.isEmpty() || text.length() > max) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c)) {
                return false;
            }
            if (Character.isSurrogate(c)) {
                if (!Character.isHighSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }
}
