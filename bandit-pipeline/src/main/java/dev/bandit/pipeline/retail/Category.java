package dev.bandit.pipeline.retail;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
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

    private static final Pattern BETWEEN = Pattern.compile("[^A-Z0-9]+");

    private final Set<String> words;

    Category(String... words) {
        this.words = Set.of(words);
    }

    /** @param description nothing: other */
    static Category of(@Nullable String description) {
        if (description == null) {
            return OTHER;
        }
        List<String> said = List.of(BETWEEN.split(description.toUpperCase(Locale.ROOT)));
        return Arrays.stream(values())
                .filter(category -> said.stream().anyMatch(category::isMeant))
                .findFirst()
                .orElse(OTHER);
    }

    private boolean isMeant(String word) {
        return words.contains(word) || without(word, "S") || without(word, "ES");
    }

    private boolean without(String word, String ending) {
        return word.endsWith(ending) && words.contains(word.substring(0, word.length() - ending.length()));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
