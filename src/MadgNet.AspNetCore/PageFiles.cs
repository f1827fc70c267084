using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MadgNet.AspNetCore;

/// <summary>The page to try a network on: embedded files that load nothing from elsewhere.</summary>
internal static class PageFiles
{
    /// <summary>Scripts, styles and pictures of the service itself, and nothing else: a text in a message cannot become code.</summary>
    public const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        + "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private static readonly (string Path, string File, string Type)[] Files =
    [
        ("/", "index.html", "text/html; charset=utf-8"),
        ("/page.css", "page.css", "text/css; charset=utf-8"),
        ("/page.js", "page.js", "text/javascript; charset=utf-8"),
        ("/picture.js", "picture.js", "text/javascript; charset=utf-8"),
        ("/regions.js", "regions.js", "text/javascript; charset=utf-8"),
        ("/service.js", "service.js", "text/javascript; charset=utf-8"),
    ];

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        foreach ((string path, string file, string type) in Files)
        {
            byte[] content = EmbeddedFile.Read($"Page/{file}");
            string tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..16]}\"";
            endpoints.MapGet(path, async (HttpContext context) =>
            {
                IHeaderDictionary headers = context.Response.Headers;
                SafeHeaders.Add(headers, Policy);
                headers.CacheControl = "no-cache";
                headers.ETag = tag;
                if (context.Request.Headers.IfNoneMatch.Contains(tag))
                {
                    context.Response.StatusCode = StatusCodes.Status304NotModified;
                    return;
                }

                context.Response.ContentType = type;
                context.Response.ContentLength = content.Length;
                await context.Response.Body.WriteAsync(content, context.RequestAborted).ConfigureAwait(false);
            });
        }
    }
}
