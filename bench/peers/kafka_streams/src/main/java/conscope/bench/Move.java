package conscope.bench;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** A raw price against the last one of its seat; amounts are null for a seat not seen before. */
record Move(
        PriceEvent event,
        String id,
        long appendedAtMs,
        String kind,
        BigDecimal oldPrice,
        BigDecimal change,
        BigDecimal changePercent) {

    private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);
    private static final int PERCENT_DIGITS = 4;

    static Move of(PriceEvent event, String id, long appendedAtMs, BigDecimal oldPrice) {
        if (oldPrice == null) {
            return new Move(event, id, appendedAtMs, "new", null, null, null);
        }
        BigDecimal change = event.price.subtract(oldPrice);
        BigDecimal percent =
                change.multiply(HUNDRED).divide(oldPrice, PERCENT_DIGITS, RoundingMode.HALF_EVEN);
        String kind = change.signum() < 0 ? "drop" : change.signum() > 0 ? "rise" : "same";
        return new Move(event, id, appendedAtMs, kind, oldPrice, change, percent);
    }

    boolean isDrop() {
        return kind.equals("drop");
    }
}
