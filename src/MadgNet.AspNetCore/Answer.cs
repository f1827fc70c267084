using Microsoft.AspNetCore.Http;

namespace MadgNet.AspNetCore;

/// <summary>An answer, whole in memory.</summary>
/// <param name="Content">The bytes.</param>
/// <param name="MediaType">Their type.</param>
/// <param name="FileName">What a browser calls the file; null where it is no file.</param>
internal sealed record Answer(byte[] Content, string MediaType, string? FileName = null)
{
    /// <summary>Nothing is to be run, framed, cached or guessed of an answer.</summary>
    private const string Policy = "default-src 'none'; frame-ancestors 'none'";

    public async Task WriteAsync(HttpContext context)
    {
        SafeHeaders.Add(context.Response.Headers, Policy);
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.Vary = "Accept";
        if (FileName is not null)
        {
            context.Response.Headers.ContentDisposition = $"inline; filename=\"{FileName}\"";
        }

        context.Response.ContentType = MediaType;
        context.Response.ContentLength = Content.Length;
        await context.Response.Body.WriteAsync(Content, context.RequestAborted).ConfigureAwait(false);
    }
}
