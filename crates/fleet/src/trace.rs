//! One trace from a task's publisher to its settlement. Without a tracing backend all of it does
//! nothing, and the publisher's trace context is handed on as it came.

use opentelemetry::{
    Context,
    trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState},
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Makes the span a child of this W3C trace context, before the span is entered for the first
/// time. A text that cannot be read leaves it without a parent.
pub(crate) fn adopt(span: &Span, traceparent: Option<&str>) {
    let Some(parent) = traceparent.and_then(read) else { return };
    let context = Context::new().with_remote_span_context(parent);
    if let Err(error) = span.set_parent(context) {
        tracing::trace!(%error, "this span is not traced");
    }
}

/// The span as a W3C trace context for whoever comes next; None: it is not traced.
pub(crate) fn traceparent(span: &Span) -> Option<String> {
    let context = span.context();
    let own = context.span().span_context().clone();
    own.is_valid().then(|| {
        let flags = own.trace_flags().to_u8();
        format!("00-{}-{}-{flags:02x}", own.trace_id(), own.span_id())
    })
}

/// `version-trace-parent-flags`, lowercase hexadecimal; later versions may have more behind.
fn read(text: &str) -> Option<SpanContext> {
    let mut parts = text.trim().split('-');
    let (version, trace, span, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let well_formed = (version.len(), trace.len(), span.len(), flags.len()) == (2, 32, 16, 2)
        && version != "ff"
        && (version != "00" || parts.next().is_none());
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?);
    let (trace, span) = (TraceId::from_hex(trace).ok()?, SpanId::from_hex(span).ok()?);
    let context = SpanContext::new(trace, span, flags, true, TraceState::default());
    Some(context).filter(|context| well_formed && context.is_valid())
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_trace_context_is_read_as_the_standard_says() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let context = read(good).expect("well formed");
        assert_eq!(context.trace_id().to_string(), "0af7651916cd43dd8448eb211c80319c");
        assert!(context.is_remote() && context.is_sampled());
        assert!(read("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-more").is_some());
        for bad in [
            "",
            "00-1-2-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319x-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        ] {
            assert!(read(bad).is_none(), "{bad}");
        }
    }
}
