using MadgNet.Core.Imaging;
using Microsoft.AspNetCore.Http;

namespace MadgNet.AspNetCore;

/// <summary>The formats of images that a service reads: what a file is, is told by its content.</summary>
internal sealed class ImageFormats
{
    /// <summary>What messages call a caller's file; its own name may tell of a patient.</summary>
    public const string Name = "image";

    private const string AnyType = "application/octet-stream";

    private static readonly (string Name, string MediaType, Func<byte[], bool> Recognizes)[] BuiltIn =
    [
        ("png", "image/png", content => content.AsSpan().StartsWith(PngStart)),
        ("jpeg", "image/jpeg", content => content.AsSpan().StartsWith(JpegStart)),
        ("tiff", "image/tiff", content => content.Length > 4 && content[0] == content[1]
            && ((content[0] == 'I' && content[2] is 42 or 43 && content[3] == 0)
                || (content[0] == 'M' && content[2] == 0 && content[3] is 42 or 43))),
    ];

    private readonly MadgNetServiceOptions _options;
    private readonly ImageReadOptions _limits;

    public ImageFormats(MadgNetServiceOptions options)
    {
        _options = options;
        _limits = new ImageReadOptions { MaximumPixels = options.MaximumPixels, MaximumBytes = options.MaximumBytes };
    }

    private static ReadOnlySpan<byte> PngStart => [0x89, (byte)'P', (byte)'N', (byte)'G'];

    private static ReadOnlySpan<byte> JpegStart => [0xFF, 0xD8, 0xFF];

    /// <summary>The names of all formats.</summary>
    public IEnumerable<string> Names => BuiltIn.Select(format => format.Name).Concat(_options.ImageFormats.Select(format => format.Name));

    /// <summary>The types that an upload may declare.</summary>
    public IEnumerable<string> Types =>
        BuiltIn.Select(format => format.MediaType).Concat(_options.ImageFormats.Select(format => format.MediaType)).Append(AnyType);

    /// <summary>Refuses what is declared or is of a format that is not read. Cheap: it looks at the beginning alone.</summary>
    /// <exception cref="ServiceRefusal">The format is none of the service's.</exception>
    public void Check(Upload upload)
    {
        if (upload.MediaType is { } declared && !Types.Contains(declared, StringComparer.OrdinalIgnoreCase))
        {
            throw Refuse($"the type '{Shown.Text(declared)}'");
        }

        // What declares itself an image of the service's is read: its reader says best what is wrong with it.
        bool isImage = upload.MediaType is { } type && !type.Equals(AnyType, StringComparison.OrdinalIgnoreCase);
        if (!isImage && Added(upload.Content) is null && !Array.Exists(BuiltIn, format => format.Recognizes(upload.Content)))
        {
            throw Refuse("content of no format that is known here");
        }
    }

    /// <summary>Reads an image.</summary>
    /// <exception cref="MadgNetException">The file is damaged, or larger than allowed.</exception>
    /// <exception cref="ServiceRefusal">The content is of a format that is not read, whatever was declared.</exception>
    public ServedImage Read(Upload upload, IImageReader reader)
    {
        if (Added(upload.Content) is { } format)
        {
            return format.Read(upload.Content, Name, _limits);
        }

        return new ServedImage(reader.Decode(upload.Content, Name, _limits));
    }

    private IImageFormat? Added(byte[] content) => _options.ImageFormats.FirstOrDefault(format => format.Recognizes(content));

    private ServiceRefusal Refuse(string received) => new(
        StatusCodes.Status415UnsupportedMediaType,
        $"image: received {received}; expected {string.Join(", ", Names)}. Convert the image to one of them.");
}
