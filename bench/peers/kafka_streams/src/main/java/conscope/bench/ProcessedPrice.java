package conscope.bench;

import java.math.BigDecimal;

/** A raw price with its id and how it moved. */
final class ProcessedPrice extends PriceEvent {
    public final String id;
    public final String kind;
    public final BigDecimal oldPrice;
    public final BigDecimal change;
    public final BigDecimal changePercent;

    ProcessedPrice(Move move) {
        super(move.event());
        id = move.id();
        kind = move.kind();
        oldPrice = move.oldPrice();
        change = move.change();
        changePercent = move.changePercent();
    }
}
