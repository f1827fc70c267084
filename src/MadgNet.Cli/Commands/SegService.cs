using MadgNet.AspNetCore;
using MadgNet.Core.Inference;
using MadgNet.Medical;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Seg;
using MadgNet.Medical.Series;

namespace MadgNet.Cli.Commands;

/// <summary>Masks as a DICOM segmentation that refers to the DICOM image that was sent.</summary>
internal sealed class SegService(SegOptions options) : IResultFormat
{
    public string Name => "seg";

    public string MediaType => "application/dicom";

    public string Extension => ".dcm";

    public byte[] Write(ServedImage image, Prediction prediction, IReadOnlyList<int> labels, IReadOnlyList<string> names)
    {
        if (image.Source is not DicomFile file)
        {
            throw new MedicalFileException(
                MedicalFileFault.Unsupported,
                "image",
                "a picture without DICOM identifiers",
                "a DICOM image, which a segmentation can refer to",
                "Send the DICOM image, or ask for another output");
        }

        SegSegment[] segments = [.. labels.Select(label => new SegSegment { Label = names[label] })];
        var writer = new SegWriter(DicomSeries.FromFile(file), segments, options);
        for (int i = 0; i < labels.Count; i++)
        {
            writer.Add(0, i + 1, prediction.Mask(labels[i]).Bytes);
        }

        return DicomWriter.Encode(writer.ToDataset());
    }
}
