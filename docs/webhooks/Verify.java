import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Verify a webhook of Huiying: java Verify.java &lt; body, headers in the environment. */
public final class Verify {
    private static final long TOLERANCE_S = 300;

    /** Whether the body was signed with one of the secrets, within five minutes of {@code now}. */
    static boolean verify(String[] secrets, String id, String at, String signatures, byte[] body, long now)
            throws GeneralSecurityException {
        if (!at.matches("\\d{1,18}") || Math.abs(now - Long.parseLong(at)) > TOLERANCE_S) {
            return false;
        }
        for (String secret : secrets) {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(Base64.getDecoder().decode(secret.replaceFirst("^whsec_", "")), "HmacSHA256"));
            mac.update((id + "." + at + ".").getBytes(StandardCharsets.UTF_8));
            byte[] wanted = ("v1," + Base64.getEncoder().encodeToString(mac.doFinal(body))).getBytes(StandardCharsets.UTF_8);
            for (String given : signatures.split(" ")) {
                if (MessageDigest.isEqual(wanted, given.getBytes(StandardCharsets.UTF_8))) {
                    return true;
                }
            }
        }
        return false;
    }

    public static void main(String[] arguments) throws Exception {
        var env = System.getenv();
        long now = env.containsKey("NOW") ? (long) Double.parseDouble(env.get("NOW")) : System.currentTimeMillis() / 1000;
        boolean right = verify(env.get("SECRET").split(" "), env.get("WEBHOOK_ID"), env.get("WEBHOOK_TIMESTAMP"),
                env.get("WEBHOOK_SIGNATURE"), System.in.readAllBytes(), now);
        System.exit(right ? 0 : 1);
    }
}
