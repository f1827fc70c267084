using MadgNet.Core.Imaging;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Nifti;
using MadgNet.Medical.Seg;

namespace MadgNet.Medical.Imaging;

/// <summary>
/// Reads DICOM and NIfTI for MadgNet.Core: hand it to <see cref="ImageReader"/>. Values mean what the file means (Hounsfield units of a
/// CT), so that windows of a network's input fit; MONOCHROME1 is turned round, so that bright is bright.
/// </summary>
/// <remarks>
/// It reads files of one slice. A file of several is refused unless <see cref="ReadsPages"/> says that a page is a slice: a volume is read
/// by <see cref="SliceStack"/>, and a dataset of volumes is <see cref="Data.MedicalDataset"/>.
/// </remarks>
/// <example>
/// <code>
/// var reader = new ImageReader(null, new MedicalImageReader());
/// using var predictor = Predictor.Load("lung.safetensors", new PredictorOptions { Reader = reader });
/// Prediction found = predictor.Predict("slice.dcm");
/// </code>
/// </example>
public sealed class MedicalImageReader : IImageReader
{
    private readonly MedicalReadOptions _options;

    /// <summary>Creates a reader.</summary>
    /// <param name="options">How files are read; null for the defaults.</param>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public MedicalImageReader(MedicalReadOptions? options = null)
    {
        _options = options ?? MedicalReadOptions.Default;
        InvalidOptionsException.ThrowIfAny(nameof(MedicalImageReader), _options.Validate());
    }

    /// <summary>Whether <see cref="ImageReadOptions.Page"/> is a slice's number. Default false: volumes are refused.</summary>
    public bool ReadsPages { get; init; }

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Extensions { get; } = [".dcm", ".dicom", ".ima", ".seg", ".nii", ".gz", ".hdr"];

    /// <inheritdoc/>
    public bool Recognizes(ReadOnlySpan<byte> content) => DicomFile.Recognizes(content) || NiftiVolume.Recognizes(content);

    /// <inheritdoc/>
    public PixelImage Read(string path, ImageReadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return MedicalBytes.ForImaging(() => MedicalFormat.IsNiftiName(path)
            ? OfNifti(NiftiVolume.Read(path, _options.Nifti), options)
            : OfDicom(DicomFile.Read(path, _options.Dicom), options));
    }

    /// <inheritdoc/>
    public PixelImage Decode(byte[] content, string name, ImageReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(name);
        return MedicalBytes.ForImaging(() => DicomFile.Recognizes(content)
            ? OfDicom(DicomFile.Decode(content, name, _options.Dicom), options)
            : OfNifti(NiftiVolume.Decode(content, name, _options.Nifti), options));
    }

    private PixelImage OfDicom(DicomFile file, ImageReadOptions? options)
    {
        if (SegFile.IsSegmentation(file))
        {
            return OfSegmentation(new SegFile(file, _options.Dicom), options);
        }

        var image = new DicomImage(file, _options.Dicom);
        MedicalBytes.CheckPixels(file.Name, image.Format.Columns, image.Format.Rows, options);
        return DicomPixels.ToPixelImage(image, Page(file.Name, image.Frames, options));
    }

    private PixelImage OfNifti(NiftiVolume volume, ImageReadOptions? options)
    {
        var stack = new NiftiStack(volume, _options.SlicingOf(volume));
        MedicalBytes.CheckPixels(volume.Name, stack.Columns, stack.Rows, options);
        return stack.Read(Page(volume.Name, stack.Count, options));
    }

    /// <summary>A segmentation of one slice as a label image: the numbers of segments, or 0..255 of a fractional one.</summary>
    private PixelImage OfSegmentation(SegFile file, ImageReadOptions? options)
    {
        MedicalBytes.CheckPixels(file.Name, file.Columns, file.Rows, options);
        string[] places = [.. file.Frames.Select(PlaceOf).Distinct()];
        string place = places[Page(file.Name, places.Length, options)];
        SegFrame[] frames = [.. file.Frames.Where(frame => PlaceOf(frame) == place)];
        int count = file.Rows * file.Columns;
        if (file.Type == SegmentationType.Fractional && file.Segments.Count == 1)
        {
            var fractions = new byte[count];
            FloatImage plane = file.Plane(frames[0].Index);
            for (int i = 0; i < count; i++)
            {
                fractions[i] = (byte)MathF.Round(Math.Clamp(plane.Data[i], 0, 1) * 255);
            }

            return new PixelImage(width: file.Columns, height: file.Rows, 1, fractions);
        }

        var map = new ushort[count];
        foreach (SegFrame frame in frames)
        {
            FloatImage plane = file.Plane(frame.Index);
            for (int i = 0; i < count; i++)
            {
                ushort number = frame.Segment is { } segment
                    ? plane.Data[i] >= 0.5f ? (ushort)segment : (ushort)0
                    : (ushort)plane.Data[i];
                if (number != 0 && map[i] != 0 && map[i] != number)
                {
                    throw new MedicalFileException(
                        MedicalFileFault.Inconsistent,
                        file.Name,
                        $"segments {map[i]} and {number} that share pixels",
                        "segments apart, for one label image",
                        "Use MedicalDataset, which gives each segment a mask of its own");
                }

                map[i] = number != 0 ? number : map[i];
            }
        }

        return file.Segments.Any(segment => segment.Number > byte.MaxValue)
            ? new PixelImage(width: file.Columns, height: file.Rows, 1, map)
            : new PixelImage(width: file.Columns, height: file.Rows, 1, [.. map.Select(value => (byte)value)]);
    }

    /// <summary>What tells the slices of a segmentation apart: the image that a frame was drawn on, or its position.</summary>
    private static string PlaceOf(SegFrame frame) => frame.Sources.Count > 0
        ? string.Join(';', frame.Sources.Select(source => $"{source.SopInstance}#{source.Frame}"))
        : FormattableString.Invariant($"{frame.Geometry?.Position}");

    private int Page(string name, int count, ImageReadOptions? options)
    {
        int page = (options ?? ImageReadOptions.Default).Page;
        if (!ReadsPages && count > 1)
        {
            throw new MedicalFileException(
                MedicalFileFault.Unsupported,
                name,
                $"a volume of {count} slices",
                "an image of one slice",
                "Read it with SliceStack, take MedicalDataset for a dataset of volumes, or set MedicalImageReader.ReadsPages");
        }

        return page < count
            ? page
            : throw new MedicalFileException(
                MedicalFileFault.Inconsistent, name, $"slice {page} of {count}", $"0 to {count - 1}", "Set ImageReadOptions.Page to one of them");
    }
}
