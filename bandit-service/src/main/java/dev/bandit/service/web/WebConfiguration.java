package dev.bandit.service.web;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.catalina.core.StandardHost;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;

/**
 * The order before the endpoints: admission, then the guard. They are bound to servlets, not to paths, like the filters that only some
 * servlets have: a container runs all filters of a path before those of a servlet, whatever their order.
 */
@ConditionalOnWebApplication
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(WebProperties.class)
class WebConfiguration {

    @Bean
    FilterRegistrationBean<AdmissionFilter> admissionFilter(
            WebProperties properties, MeterRegistry meters, List<ServletRegistrationBean<?>> servlets) {
        AtomicInteger inFlight = new AtomicInteger();
        Gauge.builder("bandit.requests.in.flight", inFlight, AtomicInteger::get)
                .description("Requests that are being worked on, health and metrics not counted")
                .register(meters);
        Counter refused = Counter.builder("bandit.requests.refused")
                .description("Requests refused with 503 because bandit.web.max-concurrent were in flight")
                .register(meters);
        FilterRegistrationBean<AdmissionFilter> filter =
                new FilterRegistrationBean<>(new AdmissionFilter(properties.maxConcurrent(), refused, inFlight));
        filter.setServletRegistrationBeans(servlets);
        filter.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return filter;
    }

    @Bean
    FilterRegistrationBean<RequestGuard> requestGuard(
            WebProperties properties, List<ServletRegistrationBean<?>> servlets) {
        FilterRegistrationBean<RequestGuard> filter = new FilterRegistrationBean<>(
                new RequestGuard(properties.maxBody().toBytes()));
        filter.setServletRegistrationBeans(servlets);
        filter.setOrder(Ordered.HIGHEST_PRECEDENCE + 10);
        return filter;
    }

    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> problemReportValve() {
        return factory -> factory.addContextCustomizers(context -> {
            StandardHost host = (StandardHost) context.getParent();
            host.setErrorReportValveClass(ProblemReportValve.class.getName());
        });
    }
}
