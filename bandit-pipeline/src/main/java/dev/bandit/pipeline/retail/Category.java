package dev.bandit.pipeline.retail;

import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a product is, by the words of its description: the first category one of whose words is there, alone or with S or ES behind. Words
 * are what stands between anything but letters and digits, so that a T-LIGHT is a LIGHT and a HANDBAG is no BAG by itself. The order is the
 * precedence, and that of the arms; whoever changes anything here makes {@link Manifest#FORMAT} another one.
 */
enum Category {
    BAG("BAG", "HANDBAG", "SHOPPER", "RUCKSACK", "BACKPACK", "PURSE"),
    MUG("MUG", "CUP", "TEACUP", "BEAKER", "TEAPOT"),
    LIGHT("LIGHT", "TLIGHT", "CANDLE", "CANDLESTICK", "CANDLEHOLDER", "LANTERN", "LAMP", "LAMPSHADE", "CHANDELIER"),
    CHRISTMAS("CHRISTMAS", "XMAS", "ADVENT", "SANTA", "REINDEER", "SNOWMAN", "SNOWMEN", "SNOWFLAKE", "BAUBLE"),
    CARD("CARD", "POSTCARD", "WRAP", "RIBBON", "ENVELOPE"),
    PARTY("PARTY", "BUNTING", "BALLOON", "NAPKIN", "DOILY", "DOILIES", "CAKE", "CAKESTAND", "STRAW"),
    STORAGE("BOX", "TIN", "BASKET", "CABINET", "DRAWER", "JAR", "HOOK", "HANGER", "RACK", "HOLDER"),
    KITCHEN("BOWL", "PLATE", "APRON", "TOWEL", "TRAY", "SPOON", "JUG", "BOTTLE", "KITCHEN", "TEA", "COFFEE", "GLASS"),
    SIGN("SIGN", "FRAME", "CLOCK", "MIRROR", "CHALKBOARD", "BLACKBOARD", "NOTICEBOARD"),
    JEWELLERY("NECKLACE", "BRACELET", "EARRING", "RING", "BROOCH", "NECKLAC", "EARRNG"),
    TOY("TOY", "DOLL", "GAME", "PUZZLE", "DOMINOES", "SKITTLES", "JIGSAW", "CHILDREN", "CHILDRENS", "BABY"),
    STATIONERY("PEN", "PENCIL", "NOTEBOOK", "STICKER", "ERASER", "PAPER", "TAPE", "STAMP", "RULER", "BOOK"),
    GARDEN("GARDEN", "PLANT", "POT", "FLOWER", "WATERING", "BIRD", "SEED", "VASE"),
    OTHER;

    private final Pattern said;

    Category(String... words) {
        said = Pattern.compile("(?<![A-Z0-9])(" + String.join("|", words) + ")(S|ES)?(?![A-Z0-9])");
    }

    /** @param description nothing: other */
    static Category of(@Nullable String description) {
        if (description == null) {
            return OTHER;
        }
        String text = description.toUpperCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(category ->
                        category == OTHER || category.said.matcher(text).find())
                .findFirst()
                .orElseThrow();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
