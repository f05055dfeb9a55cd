package dev.bandit.service.web;

import dev.bandit.service.endpoint.PostEndpoint;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import java.util.List;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.servlet.filter.OrderedRequestContextFilter;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.web.filter.CharacterEncodingFilter;
import org.springframework.web.filter.RequestContextFilter;
import org.springframework.web.filter.ServerHttpObservationFilter;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.HandlerExceptionResolver;
import tools.jackson.databind.json.JsonMapper;

/** The busy endpoints before Spring MVC (docs/decisions/0011), and the filters that only one of the two needs. */
@ConditionalOnWebApplication
@Configuration(proxyBeanMethods = false)
class EndpointConfiguration {

    private static final int TIMED = Ordered.HIGHEST_PRECEDENCE + 1;

    @Bean
    ServletRegistrationBean<EndpointServlet> endpointServlet(
            List<PostEndpoint<?, ?>> endpoints,
            JsonMapper json,
            @Qualifier(DispatcherServlet.HANDLER_EXCEPTION_RESOLVER_BEAN_NAME) HandlerExceptionResolver failures) {
        ServletRegistrationBean<EndpointServlet> servlet = new ServletRegistrationBean<>(
                new EndpointServlet(endpoints, json, failures),
                endpoints.stream().map(PostEndpoint::path).toArray(String[]::new));
        servlet.setLoadOnStartup(1);
        return servlet;
    }

    @Bean
    FilterRegistrationBean<EndpointTimes> endpointTimes(
            MeterRegistry meters, ServletRegistrationBean<EndpointServlet> servlet) {
        return before(servlet, new EndpointTimes(meters, servlet.getUrlMappings()), TIMED);
    }

    @Bean
    FilterRegistrationBean<ServerHttpObservationFilter> observationOfMvc(
            ObservationRegistry observations, DispatcherServletRegistrationBean mvc) {
        FilterRegistrationBean<ServerHttpObservationFilter> filter =
                before(mvc, new ServerHttpObservationFilter(observations), TIMED);
        filter.setDispatcherTypes(DispatcherType.REQUEST, DispatcherType.ASYNC);
        return filter;
    }

    @Bean
    FilterRegistrationBean<CharacterEncodingFilter> encodingOfMvc(
            CharacterEncodingFilter filter, DispatcherServletRegistrationBean mvc) {
        return before(mvc, filter, Ordered.HIGHEST_PRECEDENCE);
    }

    @Bean
    FilterRegistrationBean<RequestContextFilter> requestContextOfMvc(DispatcherServletRegistrationBean mvc) {
        OrderedRequestContextFilter filter = new OrderedRequestContextFilter();
        return before(mvc, filter, filter.getOrder());
    }

    private static <F extends Filter> FilterRegistrationBean<F> before(
            ServletRegistrationBean<?> servlet, F filter, int order) {
        FilterRegistrationBean<F> registration = new FilterRegistrationBean<>(filter, servlet);
        registration.setOrder(order);
        return registration;
    }
}
