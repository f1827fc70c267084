using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace MadgNet.AspNetCore;

/// <summary>Refusals as problem details (RFC 9457).</summary>
internal static class ProblemAnswer
{
    public const string MediaType = "application/problem+json";

    public static async Task WriteAsync(HttpContext context, int status, string detail, TimeSpan? retryAfter)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        context.Response.Clear();
        context.Response.StatusCode = status;
        if (retryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = ((long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        await new Answer(Write(status, detail), MediaType).WriteAsync(context).ConfigureAwait(false);
    }

    private static byte[] Write(int status, string detail)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("type", "about:blank");
            json.WriteString("title", ServiceRefusal.Title(status));
            json.WriteNumber("status", status);
            json.WriteString("detail", detail);
            if (Activity.Current is { } activity)
            {
                json.WriteString("traceId", activity.TraceId.ToString());
            }

            json.WriteEndObject();
        }

        return stream.ToArray();
    }
}
