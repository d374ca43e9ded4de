// java -cp jsch.jar Deliver.java host port user private-key host-key bundle.xml [list.csv ...]

import com.jcraft.jsch.ChannelSftp;
import com.jcraft.jsch.HostKey;
import com.jcraft.jsch.JSch;
import com.jcraft.jsch.Session;
import com.jcraft.jsch.SftpException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

public class Deliver {
    private static final Pattern ERROR = Pattern.compile("<error[^>]*>(.*?)</error>", Pattern.DOTALL);

    private interface Work<T> {
        T with(ChannelSftp sftp) throws Exception;
    }

    private static <T> T connected(String[] given, Work<T> work) throws Exception {
        JSch jsch = new JSch();
        int port = Integer.parseInt(given[1]);
        String name = port == 22 ? given[0] : "[" + given[0] + "]:" + port;
        byte[] hostKey = Base64.getDecoder().decode(given[4].split(" ")[1]);
        jsch.getHostKeyRepository().add(new HostKey(name, hostKey), null);
        jsch.addIdentity(given[3]);
        Session session = jsch.getSession(given[2], given[0], port);
        session.setConfig("StrictHostKeyChecking", "yes");
        session.setConfig("server_host_key", given[4].split(" ")[0].equals("ssh-rsa")
                ? "rsa-sha2-512,rsa-sha2-256,ssh-rsa" : given[4].split(" ")[0]);
        session.connect(30_000);
        try {
            ChannelSftp sftp = (ChannelSftp) session.openChannel("sftp");
            sftp.connect(30_000);
            return work.with(sftp);
        } finally {
            session.disconnect();
        }
    }

    private static Void put(ChannelSftp sftp, Path xml, List<Path> lists) throws Exception {
        String name = xml.getFileName().toString();
        for (String old : List.of("report." + name, "report." + name + ".done")) {
            try {
                sftp.rm(old);
            } catch (SftpException missing) {
                if (missing.id != ChannelSftp.SSH_FX_NO_SUCH_FILE) {
                    throw missing;
                }
            }
        }
        List<Path> files = new ArrayList<>(lists);
        files.add(xml);
        for (Path file : files) {
            sftp.put(file.toString(), file.getFileName().toString());
        }
        sftp.put(new ByteArrayInputStream(new byte[0]), name.replaceFirst("\\.[^.]*$", "") + ".ok");
        return null;
    }

    private static String report(ChannelSftp sftp, Path xml) throws Exception {
        try (var stream = sftp.get("report." + xml.getFileName() + ".done")) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (SftpException missing) {
            return null;
        }
    }

    public static void main(String[] given) throws Exception {
        Path xml = Path.of(given[5]);
        List<Path> lists = Arrays.stream(given).skip(6).map(Path::of).toList();
        connected(given, sftp -> put(sftp, xml, lists));
        int tries = Integer.parseInt(System.getenv().getOrDefault("DELIVER_TRIES", "360"));
        double pause = Double.parseDouble(System.getenv().getOrDefault("DELIVER_PAUSE", "5"));
        for (int attempt = 0; attempt < tries; attempt++) {
            Thread.sleep((long) (pause * 1000));
            String text;
            try {
                text = connected(given, sftp -> report(sftp, xml));
            } catch (Exception lost) { // the bundle is there: only this look at it failed
                text = null;
            }
            if (text != null) {
                Matcher found = ERROR.matcher(text);
                String error = found.find() ? found.group(1).strip() : "";
                (error.isEmpty() ? System.out : System.err)
                        .println(xml.getFileName() + ": " + (error.isEmpty() ? "accepted" : error));
                System.exit(error.isEmpty() ? 0 : 1);
            }
        }
        System.err.println(xml.getFileName() + ": no report yet, look at the space later");
        System.exit(1);
    }
}
