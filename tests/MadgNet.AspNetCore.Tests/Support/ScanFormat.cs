using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;

namespace MadgNet.AspNetCore.Tests.Support;

/// <summary>A file that begins as DICOM does and then holds a PNG: it stands for formats that a host adds and that know
/// millimetres.</summary>
internal sealed class ScanFormat : IImageFormat
{
    private const int Preamble = 128;

    public string Name => "dicom";

    public string MediaType => "application/dicom";

    public static byte[] Write(byte[] png) => [.. new byte[Preamble], .. "DICM"u8, .. png];

    public bool Recognizes(ReadOnlySpan<byte> content) => content.Length > Preamble && content[Preamble..].StartsWith("DICM"u8);

    public ServedImage Read(byte[] content, string name, ImageReadOptions options) =>
        new(new ImageReader().Decode(content[(Preamble + 4)..], name, options), new PixelSpacing(0.5, 0.25));
}
