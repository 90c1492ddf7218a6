package conscope.bench;

import java.math.BigDecimal;
import java.time.Instant;

/** A drop; its amounts are positive. */
final class PriceAlert extends PriceEvent {
    public final String id;
    public final BigDecimal oldPrice;
    public final BigDecimal newPrice;
    public final BigDecimal dropAmount;
    public final BigDecimal dropPercent;
    public final String alertTimestamp;
    public final String alertType = "price_drop";

    PriceAlert(Move move) {
        super(move.event());
        id = move.id();
        oldPrice = move.oldPrice();
        newPrice = move.event().price;
        dropAmount = move.change().negate();
        dropPercent = move.changePercent().negate();
        alertTimestamp = Instant.ofEpochMilli(move.appendedAtMs()).toString();
    }
}
