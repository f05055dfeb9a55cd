package dev.bandit.pipeline.retail;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CategoryTest {

    @ParameterizedTest
    @CsvSource({
        "JUMBO BAG RED RETROSPOT,bag",
        "lunch bags,bag",
        "WHITE HANGING HEART T-LIGHT HOLDER,light",
        "CHRISTMAS LANTERN,light",
        "SET 3 BOXES,storage",
        "BIRTHDAY CARD WITH PEN,card",
        "REGENCY CAKESTAND 3 TIER,party",
        "BAGGAGE,other",
        "BASS,other",
        "20713,other",
        "'  ',other"
    })
    void the_first_category_one_of_whose_words_is_there(String description, String category) {
        assertThat(Category.of(description)).hasToString(category);
    }

    @Test
    void without_a_description_it_is_other() {
        assertThat(Category.of(null)).isEqualTo(Category.OTHER);
        assertThat(Category.of("")).isEqualTo(Category.OTHER);
    }
}
