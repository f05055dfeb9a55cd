package dev.bandit.pipeline.engine;

import dev.bandit.cli.CommandFailed;
import java.io.Serializable;
import java.util.List;

/**
 * Does work in parts. What the parts come to is merged by the caller, in the order of the parts, so that it does not matter where each was
 * done, nor when.
 */
public interface Engine extends AutoCloseable {

    /**
     * What is done with a part, perhaps by another machine, and twice if that dies: it must leave nothing behind that a second time would
     * not leave as well.
     */
    @FunctionalInterface
    interface Work<P, R> extends Serializable {
        R on(P part) throws Exception;
    }

    /** The threads of this process. */
    static Engine local() {
        return new Threads(Runtime.getRuntime().availableProcessors());
    }

    /**
     * Apache Spark, of which this process becomes the driver.
     *
     * @param master {@code local[*]}, {@code spark://…}, {@code k8s://…}; spark-submit's own wins
     * @throws CommandFailed if this process was not started by spark-submit, or Spark cannot be reached
     */
    static Engine spark(String master) {
        if (Engine.class.getClassLoader().getResource("org/apache/spark/SparkContext.class") == null) {
            throw new CommandFailed(
                    "Spark is not here: --engine spark works with ./bandit, where SPARK_HOME is a Spark 4.1 or later"
                            + " or spark-submit is on the path, and with spark-submit itself.");
        }
        return Spark.open(master);
    }

    /** So many parts are done at a time. */
    int workers();

    /**
     * Does all parts.
     *
     * @return what came of them, in their order
     * @throws CommandFailed as the first part that failed says, or because no worker was left to do it
     */
    <P extends Serializable, R extends Serializable> List<R> map(List<P> parts, Work<P, R> work);

    @Override
    void close();
}
