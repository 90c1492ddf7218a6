package conscope.bench;

import java.math.BigDecimal;

/**
 * A raw price. Public fields are the form that Jackson reads fastest; times stay text, since
 * nothing here compares them.
 */
class PriceEvent {
    public String eventId;
    public String eventName;
    public String venue;
    public String eventDate;
    public String source;
    public String section;
    public String row;
    public String seat;
    public BigDecimal price;
    public BigDecimal fees;
    public BigDecimal totalPrice;
    public String timestamp;
    public String listingId;
    public String listingUrl;
    public Integer quantity;
    public String deliveryMethod;
    public String sellerNotes;
    public String currency;

    PriceEvent() {}

    PriceEvent(PriceEvent other) {
        eventId = other.eventId;
        eventName = other.eventName;
        venue = other.venue;
        eventDate = other.eventDate;
        source = other.source;
        section = other.section;
        row = other.row;
        seat = other.seat;
        price = other.price;
        fees = other.fees;
        totalPrice = other.totalPrice;
        timestamp = other.timestamp;
        listingId = other.listingId;
        listingUrl = other.listingUrl;
        quantity = other.quantity;
        deliveryMethod = other.deliveryMethod;
        sellerNotes = other.sellerNotes;
        currency = other.currency;
    }
}
