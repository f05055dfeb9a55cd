package dev.bandit.pipeline.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bandit.pipeline.chart.LineChart.Axis;
import dev.bandit.pipeline.chart.LineChart.Line;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LineChartTest {

    private static final int BLUE = 0xff0072b2;
    private static final int GRAY = 0xff808080;

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void results_are_coloured_and_references_grey(boolean logX, boolean logY) throws IOException {
        double[] x = {0, 1, 10, 100};
        Line line = new Line(
                "a", x, new double[] {0, 1, 5, 9}, new double[] {-1, 0, 4, 8}, new double[] {1, 2, 6, 10}, false);
        BufferedImage picture = drawn(logX, logY, line, Line.reference("r", x, new double[] {3, 3, 3, 3}));
        assertThat(picture.getWidth()).isEqualTo(2000);
        assertThat(count(picture, BLUE)).isGreaterThan(1_000);
        assertThat(count(picture, GRAY)).isGreaterThan(500);
    }

    @Test
    void a_wider_band_covers_more() throws IOException {
        double[] x = {1, 2, 3};
        double[] y = {5, 6, 7};
        BufferedImage narrow =
                drawn(false, false, new Line("a", x, y, y, y, false), Line.reference("r", x, new double[] {0, 9, 9}));
        BufferedImage wide = drawn(
                false,
                false,
                new Line("a", x, y, new double[] {2, 3, 4}, new double[] {7, 8, 9}, false),
                Line.reference("r", x, new double[] {0, 9, 9}));
        assertThat(white(wide)).isLessThan(white(narrow) - 100_000);
    }

    @Test
    void lines_of_one_name_and_of_nothing_that_could_be_drawn_do_no_harm() throws IOException {
        double[] x = {1, 2};
        double[] zero = {0, 0};
        Line flat = new Line("a", x, zero, zero, zero, false);
        assertThat(drawn(true, true, flat, flat).getHeight()).isEqualTo(1120);
    }

    @Test
    void refuses_lines_without_points_and_charts_without_lines() {
        double[] none = {};
        assertThatThrownBy(() -> Line.reference("a", none, none)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Line.reference("a", new double[] {1}, none))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new LineChart("t", "", new Axis("x", false), new Axis("y", false), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static BufferedImage drawn(boolean logX, boolean logY, Line... lines) throws IOException {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        new LineChart("title", "below", new Axis("x", logX), new Axis("y", logY), List.of(lines)).write(png);
        return ImageIO.read(new ByteArrayInputStream(png.toByteArray()));
    }

    private static long white(BufferedImage picture) {
        return count(picture, 0xffffffff);
    }

    private static long count(BufferedImage picture, int colour) {
        return IntStream.range(0, picture.getWidth() * picture.getHeight())
                .filter(i -> picture.getRGB(i % picture.getWidth(), i / picture.getWidth()) == colour)
                .count();
    }
}
