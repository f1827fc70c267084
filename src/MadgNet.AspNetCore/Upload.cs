using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace MadgNet.AspNetCore;

/// <summary>A file that a caller sent. It is read into memory and stays there: nothing is written to a disk.</summary>
/// <param name="Content">The whole file.</param>
/// <param name="MediaType">The type that the caller declared; null for none.</param>
internal sealed record Upload(byte[] Content, string? MediaType)
{
    /// <summary>The field of a form that holds the image.</summary>
    public const string Field = "image";

    private const string FormType = "multipart/form-data";
    private const int Piece = 1 << 16;

    /// <summary>What a form needs beside the file.</summary>
    private const int FormBytes = 1 << 16;

    /// <summary>Memory is taken as content arrives: a length that is only claimed takes none.</summary>
    private const int FirstBytes = 1 << 20;

    /// <exception cref="ServiceRefusal">There is no file, or it is larger than allowed.</exception>
    /// <exception cref="IOException">The caller has gone.</exception>
    public static async Task<Upload> ReadAsync(HttpRequest request, long limit, CancellationToken cancellationToken)
    {
        MediaTypeHeaderValue? type = null;
        if (request.ContentType is { Length: > 0 } text && !MediaTypeHeaderValue.TryParse(text, out type))
        {
            throw new ServiceRefusal(
                StatusCodes.Status415UnsupportedMediaType,
                $"Content-Type: received '{Shown.Text(text)}'; expected the type of an image. Send image/png, for example.");
        }

        bool form = type?.MediaType.Equals(FormType, StringComparison.OrdinalIgnoreCase) == true;
        long most = form ? limit + FormBytes : limit;
        if (request.ContentLength > most)
        {
            throw TooLarge($"{request.ContentLength} bytes", limit);
        }

        // The service's own limit holds, not the server's, whose default is smaller.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = most;
        }

        return form
            ? await ReadFormAsync(request.Body, type!, limit, cancellationToken).ConfigureAwait(false)
            : new Upload(await ReadAsync(request.Body, limit, cancellationToken).ConfigureAwait(false), type?.MediaType.Value);
    }

    private static async Task<Upload> ReadFormAsync(
        Stream body, MediaTypeHeaderValue type, long limit, CancellationToken cancellationToken)
    {
        string boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value ?? "";
        if (boundary.Length is 0 or > 70)
        {
            throw new ServiceRefusal(
                StatusCodes.Status400BadRequest,
                "Content-Type: received a form without a boundary; expected one of 1 to 70 characters. Let your client write the header.");
        }

        try
        {
            var reader = new MultipartReader(boundary, body);
            while (await reader.ReadNextSectionAsync(cancellationToken).ConfigureAwait(false) is { } section)
            {
                if (ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out ContentDispositionHeaderValue? disposition)
                    && HeaderUtilities.RemoveQuotes(disposition.Name) == Field)
                {
                    byte[] content = await ReadAsync(section.Body, limit, cancellationToken).ConfigureAwait(false);
                    string? own = MediaTypeHeaderValue.TryParse(section.ContentType, out var part) ? part.MediaType.Value : null;
                    return new Upload(content, own);
                }
            }
        }
        catch (InvalidDataException)
        {
            throw new ServiceRefusal(
                StatusCodes.Status400BadRequest,
                "body: received a form that cannot be read; expected multipart/form-data. Let your client write the form.");
        }
        catch (IOException error) when (error is not BadHttpRequestException && !cancellationToken.IsCancellationRequested
            && error.Message.StartsWith("Unexpected end of Stream", StringComparison.Ordinal))
        {
            throw new ServiceRefusal(
                StatusCodes.Status400BadRequest,
                "body: received a form that ends too early; expected a whole one. Send it again.");
        }

        throw new ServiceRefusal(
            StatusCodes.Status400BadRequest,
            $"body: received a form without the field '{Field}'; expected the image in it. Name the field of the file '{Field}'.");
    }

    private static async Task<byte[]> ReadAsync(Stream body, long limit, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream(FirstBytes);
        var piece = new byte[Piece];
        while (await body.ReadAsync(piece, cancellationToken).ConfigureAwait(false) is > 0 and int count)
        {
            if (content.Length + count > limit)
            {
                throw TooLarge($"more than {limit} bytes", limit);
            }

            content.Write(piece, 0, count);
        }

        return content.Length > 0
            ? content.ToArray()
            : throw new ServiceRefusal(
                StatusCodes.Status400BadRequest, "body: received nothing; expected an image. Send the file as the body or in a form.");
    }

    internal static ServiceRefusal TooLarge(string received, long limit) => new(
        StatusCodes.Status413PayloadTooLarge, $"image: received {received}; expected at most {limit} bytes. Send a smaller image.");
}
