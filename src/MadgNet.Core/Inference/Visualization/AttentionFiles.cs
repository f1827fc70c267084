using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference.Visualization;

/// <summary>Writes an <see cref="AttentionReport"/> to a folder.</summary>
internal sealed class AttentionFiles(AttentionReport report, string folder, CancellationToken cancellationToken)
{
    private readonly List<string> _written = [];

    public IReadOnlyList<string> Write(AttentionContent content)
    {
        string? image = report.Sources.FirstOrDefault(
            source => OutputPath.IsSame(Path.GetDirectoryName(Path.GetFullPath(source))!, folder));
        if (image is not null)
        {
            throw new OutputException([new Problem(
                nameof(folder), $"'{folder}', where the image '{image}' lies", "a folder of its own", "Choose another folder")]);
        }

        Directory.CreateDirectory(folder);
        AtomicFile.RemoveAbandoned(folder);
        if (content.HasFlag(AttentionContent.Sheets))
        {
            Sheets();
        }

        foreach ((string name, FloatImage map, bool labelled, HeatMapOptions colors) in Maps())
        {
            if (content.HasFlag(AttentionContent.Pictures))
            {
                for (int plane = 0; plane < map.Channels; plane++)
                {
                    string suffix = labelled && map.Channels > 1 ? $"-{plane + 1}" : "";
                    Picture($"{name}{suffix}.png", HeatMap.Draw(map, plane, colors));
                }
            }

            if (content.HasFlag(AttentionContent.Maps))
            {
                File($"{name}.npy", path => NpyFile.Write(map, path));
            }
        }

        if (content.HasFlag(AttentionContent.Tables))
        {
            Tables();
        }

        return _written;
    }

    private void Sheets()
    {
        int labels = report.Probability.Channels;
        for (int label = 0; label < labels; label++)
        {
            Picture(labels == 1 ? "overview.png" : $"overview-{label + 1}.png", report.Overview(label));
        }

        Picture("channels.png", report.ChannelSheet());
        Picture("frequencies.png", report.FrequencySheet());
        Picture("scalars.png", report.ScalarChart());
    }

    private IEnumerable<(string Name, FloatImage Map, bool Labelled, HeatMapOptions Colors)> Maps()
    {
        foreach (StageAttention stage in report.Stages)
        {
            string prefix = $"stage{stage.Number}";
            yield return ($"{prefix}-region", stage.Maps.Region, true, AttentionPictures.Heat);
            if (stage.Maps.Distance is { } distance)
            {
                yield return ($"{prefix}-distance", distance, true, AttentionPictures.Heat);
            }

            if (stage.Maps.Boundary is { } boundary)
            {
                yield return ($"{prefix}-boundary", boundary, true, AttentionPictures.Heat);
            }

            foreach (ScaleAttention scale in stage.Scales)
            {
                if (scale.Spatial is { } spatial)
                {
                    yield return ($"{prefix}-scale{scale.Scale}-foreground", spatial.Foreground, false, AttentionPictures.Attention);
                    yield return ($"{prefix}-scale{scale.Scale}-background", spatial.Background(), false, AttentionPictures.Attention);
                }
            }
        }
    }

    private void Tables()
    {
        Json();
        Table("scales.csv", "stage,scale,alpha,beta,foreground_mean,channels,weight_mean,weight_min,weight_max", EachScale((stage, scale) =>
        [
            Row(
                stage, scale.Scale, scale.Spatial?.Alpha, scale.Spatial?.Beta, Mean(scale.Spatial?.Foreground),
                scale.Channels?.Weights.Count,
                scale.Channels?.Weights.Average(), scale.Channels?.Weights.Min(), scale.Channels?.Weights.Max()),
        ]));
        if (report.Stages.Any(stage => stage.Scales.Any(scale => scale.Channels is not null)))
        {
            Table("channels.csv", "stage,scale,channel,weight", EachScale((stage, scale) =>
                (scale.Channels?.Weights ?? []).Select((weight, channel) => Row(stage, scale.Scale, channel, weight))));
            Table("frequencies.csv", "stage,scale,channel,u,v,average,maximum,minimum", EachScale(Frequencies));
        }

        if (report.Encoder.Count > 0)
        {
            Table("encoder.csv", "block,split,channel,weight", report.Encoder.SelectMany(Splits));
        }
    }

    private static IEnumerable<string> Frequencies(int stage, ScaleAttention scale)
    {
        if (scale.Channels is not { } channels)
        {
            yield break;
        }

        int frequencies = channels.Average.Shape[1];
        for (int i = 0; i < channels.Average.Values.Length; i++)
        {
            (int U, int V)? frequency = channels.Frequencies.Count == frequencies ? channels.Frequencies[i % frequencies] : null;
            yield return Row(
                stage, scale.Scale, i / frequencies, frequency?.U, frequency?.V,
                channels.Average.Values[i], channels.Maximum?.Values[i], channels.Minimum?.Values[i]);
        }
    }

    private static IEnumerable<string> Splits(SplitAttentionWeights block)
    {
        int channels = block.Weights.Shape[1];
        for (int i = 0; i < block.Weights.Values.Length; i++)
        {
            yield return Row(block.Block, i / channels, i % channels, block.Weights.Values[i]);
        }
    }

    private IEnumerable<string> EachScale(Func<int, ScaleAttention, IEnumerable<string>> rows) =>
        report.Stages.SelectMany(stage => stage.Scales.SelectMany(scale => rows(stage.Number, scale)));

    private void Json() => File("report.json", path => AtomicFile.Write(path, stream =>
    {
        using var writer = new Utf8JsonWriter(
            stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        writer.WriteStartObject();
        Size(writer, "image", report.Image.Height, report.Image.Width);
        Size(writer, "network", report.NetworkSize.Height, report.NetworkSize.Width);
        writer.WriteStartArray("labels");
        foreach (string name in report.LabelNames)
        {
            writer.WriteStringValue(name);
        }

        writer.WriteEndArray();
        writer.WriteNumber("threshold", report.Threshold);
        writer.WriteStartArray("stages");
        foreach (StageAttention stage in report.Stages)
        {
            Stage(writer, stage);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }));

    private static void Stage(Utf8JsonWriter writer, StageAttention stage)
    {
        writer.WriteStartObject();
        writer.WriteNumber("stage", stage.Number);
        writer.WriteStartArray("scales");
        foreach (ScaleAttention scale in stage.Scales)
        {
            writer.WriteStartObject();
            writer.WriteNumber("scale", scale.Scale);
            if (scale.Spatial is { } spatial)
            {
                Number(writer, "alpha", spatial.Alpha);
                Number(writer, "beta", spatial.Beta);
                Number(writer, "foregroundMean", Mean(spatial.Foreground) ?? double.NaN);
            }

            if (scale.Channels is { } channels)
            {
                writer.WriteNumber("dctSize", channels.DctSize);
                writer.WriteStartArray("frequencies");
                foreach ((int u, int v) in channels.Frequencies)
                {
                    writer.WriteStartArray();
                    writer.WriteNumberValue(u);
                    writer.WriteNumberValue(v);
                    writer.WriteEndArray();
                }

                writer.WriteEndArray();
                writer.WriteStartArray("channelWeights");
                foreach (float weight in channels.Weights)
                {
                    // Not a number is no JSON number: a network that diverged is told by null.
                    if (float.IsFinite(weight))
                    {
                        writer.WriteNumberValue(weight);
                    }
                    else
                    {
                        writer.WriteNullValue();
                    }
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Size(Utf8JsonWriter writer, string name, int height, int width)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("height", height);
        writer.WriteNumber("width", width);
        writer.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter writer, string name, double value)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumber(name, value);
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    private static double? Mean(FloatImage? map)
    {
        if (map is null)
        {
            return null;
        }

        double sum = 0;
        foreach (float value in map.Data)
        {
            sum += value;
        }

        return sum / map.Data.Length;
    }

    private static string Row(params object?[] cells) =>
        string.Join(',', cells.Select(cell => Convert.ToString(cell, CultureInfo.InvariantCulture)));

    private void Table(string name, string header, IEnumerable<string> rows) => File(name, path => AtomicFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(
            stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true)
        { NewLine = "\n" };
        writer.WriteLine(header);
        foreach (string row in rows)
        {
            writer.WriteLine(row);
        }
    }));

    private void Picture(string name, PixelImage? picture)
    {
        if (picture is not null)
        {
            File(name, path => ImageWriter.Write(picture, path));
        }
    }

    private void File(string name, Action<string> write)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string path = Path.Combine(folder, name);
        write(path);
        _written.Add(path);
    }
}
