package dev.bandit.pipeline.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bandit.pipeline.chart.IntervalChart.Reference;
import dev.bandit.pipeline.chart.IntervalChart.Value;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.jfree.data.Range;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IntervalChartTest {

    private static final List<Value> VALUES = List.of(new Value("a", 2, 1, 3), new Value("b", 2.5, 2, 4));

    private static Range axis(List<Value> values, @Nullable Reference reference) {
        return new IntervalChart("title", "below", "reward", values, reference)
                .chart()
                .getXYPlot()
                .getDomainAxis()
                .getRange();
    }

    @ParameterizedTest
    @ValueSource(doubles = {-50, 0.5, 2, 4.5, 1000})
    void the_axis_reaches_from_the_intervals_to_the_reference(double reference) {
        Range axis = axis(VALUES, new Reference("known", reference));
        assertThat(axis.getLowerBound()).isLessThan(Math.min(1, reference));
        assertThat(axis.getUpperBound()).isGreaterThan(Math.max(4, reference));
        assertThat(axis.getLength()).isLessThan(1.2 * (Math.max(4, reference) - Math.min(1, reference)));
    }

    @Test
    void without_a_reference_it_covers_the_intervals() {
        assertThat(axis(VALUES, null).contains(0.5)).isFalse();
        assertThat(axis(VALUES, null).contains(1)).isTrue();
    }

    @Test
    void one_point_that_is_the_reference_itself_is_drawn() throws IOException {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        new IntervalChart("title", "below", "reward", List.of(new Value("a", 2, 2, 2)), new Reference("known", 2))
                .write(png);
        assertThat(ImageIO.read(new ByteArrayInputStream(png.toByteArray())).getWidth())
                .isEqualTo(2000);
    }

    @Test
    void of_a_thousand_values_the_largest_are_drawn() {
        List<Value> thousand = IntStream.range(0, 1_000)
                .mapToObj(i -> new Value("arm-" + i, i * 7 % 1_000, 0, 1_000))
                .toList();
        IntervalChart drawn = new IntervalChart("title", "below", "reward", thousand, null).fitting();
        assertThat(drawn.values())
                .extracting(Value::value)
                .startsWith(999.0, 998.0)
                .endsWith(960.0);
        assertThat(drawn.subtitle()).isEqualTo("below; the 40 largest of 1,000");
        IntervalChart few = new IntervalChart("title", "below", "reward", VALUES, null);
        assertThat(few.fitting()).isSameAs(few);
    }
}
