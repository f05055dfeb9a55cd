package dev.bandit.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.net.InetAddress;
import java.util.List;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * The far ceiling of {@code /select}: Netty and Jackson, and nothing else. It knows as much of HTTP as the load generator speaks, reads the
 * JSON of a request on the event loop, and answers with constant bytes.
 */
final class NettyCeiling {

    private NettyCeiling() {}

    /** @param args the port */
    public static void main(String[] args) throws Exception {
        var loops = new MultiThreadIoEventLoopGroup(NioIoHandler.newFactory());
        new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(new Http());
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]))
                .sync()
                .channel()
                .closeFuture()
                .sync();
    }

    private static final class Http extends ByteToMessageDecoder {

        private static final ObjectReader READER = JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .build()
                .readerFor(EmptyEndpoint.Request.class);
        private static final String LENGTH = "content-length:";
        private static final ByteBuf ANSWER = Unpooled.unreleasableBuffer(Unpooled.directBuffer()
                .writeBytes(("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                                + Answer.JSON.length() + "\r\n\r\n" + Answer.JSON)
                        .getBytes(US_ASCII))
                .asReadOnly());

        @Override
        protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) throws Exception {
            int length = 0;
            int line = in.readerIndex();
            while (true) {
                int end = in.indexOf(line, in.writerIndex(), (byte) '\n');
                if (end < 0) {
                    return;
                }
                if (end - line <= 1) {
                    line = end + 1;
                    break;
                }
                if (matches(in, line)) {
                    length =
                            Integer.parseInt(in.toString(line + LENGTH.length(), end - line - LENGTH.length(), US_ASCII)
                                    .strip());
                }
                line = end + 1;
            }
            if (in.writerIndex() - line < length) {
                return;
            }
            in.readerIndex(line);
            EmptyEndpoint.Request request;
            try (var body = new ByteBufInputStream(in, length)) {
                request = READER.readValue((java.io.InputStream) body);
            }
            if (request.experimentId().isEmpty()) {
                context.close();
                return;
            }
            in.readerIndex(line + length);
            context.writeAndFlush(ANSWER.duplicate(), context.voidPromise());
        }

        private static boolean matches(ByteBuf in, int at) {
            if (in.writerIndex() - at < LENGTH.length()) {
                return false;
            }
            for (int i = 0; i < LENGTH.length(); i++) {
                if ((in.getByte(at + i) | 0x20) != (LENGTH.charAt(i) | 0x20)) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
