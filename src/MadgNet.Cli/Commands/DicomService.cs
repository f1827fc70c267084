using MadgNet.AspNetCore;
using MadgNet.Core.Imaging;
using MadgNet.Medical;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Imaging;
using MadgNet.Medical.Seg;

namespace MadgNet.Cli.Commands;

/// <summary>DICOM images of one slice, for a service. Everything is read in memory.</summary>
internal sealed class DicomService : IImageFormat
{
    private readonly MedicalImageReader _reader = new();

    public string Name => "dicom";

    public string MediaType => "application/dicom";

    public bool Recognizes(ReadOnlySpan<byte> content) => DicomFile.Recognizes(content);

    public ServedImage Read(byte[] content, string name, ImageReadOptions options)
    {
        PixelImage pixels = _reader.Decode(content, name, options);
        DicomFile file = DicomFile.Decode(content, name);
        return SegFile.IsSegmentation(file)
            ? throw new MedicalFileException(
                MedicalFileFault.Unsupported, name, "a segmentation", "an image to segment", "Send the image that it was drawn on")
            : new ServedImage(pixels, new DicomImage(file).Spacing(), file);
    }
}
