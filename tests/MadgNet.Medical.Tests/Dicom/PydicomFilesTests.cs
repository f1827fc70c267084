using System.Text.Json;
using MadgNet.Core.Imaging;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Tests.Support;

namespace MadgNet.Medical.Tests.Dicom;

/// <summary>
/// Files that pydicom writes: every transfer syntax that is read, with every depth, sign, photometric interpretation, table, window and
/// arrangement of functional groups. What is expected is what was put in.
/// </summary>
public class PydicomFilesTests
{
    [Fact]
    public void Files_of_every_kind_hold_what_was_put_in()
    {
        using var folder = new TemporaryFolder();
        JsonElement cases = Python.Files("pydicom, numpy, PIL", "make_dicom.py", folder.Root);
        var wrong = new List<string>();
        foreach (JsonProperty each in cases.EnumerateObject())
        {
            try
            {
                wrong.AddRange(Compare(folder.File(each.Name + ".dcm"), each.Value).Select(what => $"{each.Name}: {what}"));
            }
            catch (MedicalFileException error)
            {
                wrong.Add($"{each.Name}: {error.Message}");
            }
        }

        Assert.Empty(wrong);
        Assert.True(cases.EnumerateObject().Count() > 200);
    }

    private static IEnumerable<string> Compare(string path, JsonElement expected)
    {
        DicomImage image = DicomImage.Read(path);
        DicomFile header = DicomFile.ReadHeader(path);
        if (image.Frames != expected.GetProperty("frames").GetInt32() || header.TransferSyntax != image.File.TransferSyntax)
        {
            yield return $"{image.Frames} frames, {header.TransferSyntax}";
        }

        int[] stored = [.. Enumerable.Range(0, image.Frames).SelectMany(frame => image.Stored(frame))];
        if (expected.TryGetProperty("near", out JsonElement near))
        {
            // Decoders round differently.
            double most = MedicalFixtures.Doubles(near).Zip(stored, (one, other) => Math.Abs(one - other)).Max();
            if (most > 2 || near.GetArrayLength() != stored.Length)
            {
                yield return $"{stored.Length} values that differ by up to {most}";
            }
        }
        else if (MedicalFixtures.Sha256(stored) != expected.GetProperty("stored").GetString())
        {
            // Bytes lie swapped in the words of big endian files; pictures put them right, and are compared below.
            yield return $"other stored values: {string.Join(' ', stored.Take(6))} …";
        }

        foreach (string what in Meaning(image, expected))
        {
            yield return what;
        }

        if (expected.TryGetProperty("groups", out JsonElement groups))
        {
            foreach ((JsonElement group, int frame) in groups.EnumerateArray().Select((group, frame) => (group, frame)))
            {
                foreach (string what in Groups(image, frame, group))
                {
                    yield return $"frame {frame}: {what}";
                }
            }
        }
    }

    private static IEnumerable<string> Meaning(DicomImage image, JsonElement expected)
    {
        if (expected.TryGetProperty("rgb", out JsonElement rgb))
        {
            byte[] colors = image.Colors(0).Bytes.ToArray();
            double most = MedicalFixtures.Doubles(rgb).Zip(colors, (one, other) => Math.Abs(one - other)).Max();
            if (most > 1 || colors.Length != rgb.GetArrayLength())
            {
                yield return $"colours that differ by up to {most}";
            }
        }

        if (expected.TryGetProperty("modality", out JsonElement modality)
            && !MedicalFixtures.Doubles(modality).SequenceEqual(image.Values()))
        {
            yield return $"other values: {string.Join(' ', image.Values().Take(6))} …";
        }

        if (expected.TryGetProperty("voi", out JsonElement voi) && image.Windows() is [var window, ..])
        {
            ModalityTransform own = image.Modality();
            (double low, double high) = window.HasTable
                ? (0, 4095)
                : (own.Apply(image.Format.Minimum), own.Apply(image.Format.Maximum));
            FloatImage windowed = image.Windowed();
            double[] theirs = [.. MedicalFixtures.Doubles(voi).Select(value => (value - low) / (high - low))];
            double most = theirs.Zip(
                windowed.Data.ToArray(), (one, other) => Math.Abs(one - (image.Format.IsInverted ? 1 - other : other))).Max();
            if (most > 1e-5)
            {
                yield return $"windowed values that differ by up to {most}";
            }
        }
    }

    private static IEnumerable<string> Groups(DicomImage image, int frame, JsonElement group)
    {
        SliceGeometry geometry = image.Geometry(frame)!;
        double[] position = MedicalFixtures.Doubles(group.GetProperty("position"));
        double[] spacing = MedicalFixtures.Doubles(group.GetProperty("spacing"));
        double[] turned = MedicalFixtures.Doubles(group.GetProperty("orientation"));
        if (geometry.Position != new Point3(position[0], position[1], position[2])
            || geometry.Spacing != new PixelSpacing(spacing[0], spacing[1])
            || geometry.AlongRow != new Point3(turned[0], turned[1], turned[2])
            || geometry.AlongColumn != new Point3(turned[3], turned[4], turned[5])
            || geometry.Thickness != group.GetProperty("thickness").GetDouble())
        {
            yield return $"{geometry}";
        }

        ModalityTransform modality = image.Modality(frame);
        DicomWindow window = image.Windows(frame)[0];
        double[] numbers = [modality.Slope, modality.Intercept, window.Center, window.Width];
        if (!numbers.SequenceEqual(new[] { "slope", "intercept", "center", "width" }.Select(name => group.GetProperty(name).GetDouble())))
        {
            yield return string.Join(' ', numbers);
        }
    }
}
