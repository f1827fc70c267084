using System.Text;
using System.Text.Json;
using MadgNet.Core.Annotations;
using MadgNet.Core.Imaging;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Annotations;

/// <summary>Files as the programs write them, small enough that the pixels can be counted by hand.</summary>
public sealed class AnnotationFileTests
{
    [Fact]
    public void Pixels_are_inside_where_their_middle_is()
    {
        // From the corner (1, 1) to (3, 2): the second and third pixel of the second row.
        AnnotatedObject drawn = Rectangle(1, 1, 3, 2);
        Assert.Equal([(1, 1), (2, 1)], Pixels(drawn, 4, 4));

        // Half a pixel further the middles lie on the left and upper edge, which belong to the area; those on the others do not.
        Assert.Equal([(1, 1), (2, 1)], Pixels(Rectangle(1.5, 1.5, 3.5, 2.5), 4, 4));
        Assert.Equal([(2, 1), (3, 1)], Pixels(Rectangle(1.51, 1.49, 4, 2), 4, 4));
    }

    [Fact]
    public void What_lies_outside_of_the_image_is_cut_off() =>
        Assert.Equal(9, Pixels(Rectangle(-1e12, -5, 1e12, 5000), 3, 3).Length);

    [Fact]
    public void QuPath_is_read_with_classes_holes_and_parts()
    {
        AnnotationSet set = Read("slide 1.geojson", """
            {"type":"FeatureCollection","features":[
              {"type":"Feature","id":"a","geometry":{"type":"Polygon","coordinates":[
                [[0,0],[4,0],[4,4],[0,4],[0,0]],[[1,1],[1,3],[3,3],[3,1],[1,1]]]},
               "properties":{"objectType":"annotation","classification":{"name":"Tumor","color":[200,0,0]},"isLocked":false}},
              {"type":"Feature","geometry":{"type":"MultiPolygon","coordinates":[[[[5,0],[6,0],[6,1],[5,1],[5,0]]],
                [[[5,2],[6,2],[6,3],[5,3],[5,2]]]]},
               "properties":{"objectType":"detection","classification":{"names":["Immune","CD3"]},"measurements":{"score":0.5}}},
              {"type":"Feature","geometry":{"type":"Point","coordinates":[1,1]},"properties":{"objectType":"annotation"}},
              {"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[7,7],[8,7],[8,8],[7,7]]]},"properties":{}}]}
            """);
        AnnotatedImage image = set.Images.Single();
        Assert.Equal("slide 1", image.Name);
        Assert.Equal(["Tumor", "Immune: CD3", "unclassified"], image.Objects.Select(drawn => drawn.Label));
        Assert.Equal(12, Pixels(image.Objects[0], 8, 8).Length);
        Assert.Equal([(5, 0), (5, 2)], Pixels(image.Objects[1], 8, 8));
        Assert.Equal(0.5, image.Objects[1].Score);
        Assert.Contains("Point", Assert.Single(set.LeftOut).Received, StringComparison.Ordinal);
    }

    [Fact]
    public void QuPath_files_have_closed_rings_clockwise_outside_and_anticlockwise_holes()
    {
        using var folder = new TemporaryFolder();
        bool[] ring = [true, true, true, true, false, true, true, true, true];
        string path = folder.File("a.geojson");
        AnnotationFile.WriteQuPath(AnnotatedImage.FromMask("a", ring, 3, 3, "cell"), path);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        JsonElement feature = document.RootElement.GetProperty("features")[0];
        Assert.Equal("annotation", feature.GetProperty("properties").GetProperty("objectType").GetString());
        Assert.Equal("cell", feature.GetProperty("properties").GetProperty("classification").GetProperty("name").GetString());
        JsonElement[] rings = [.. feature.GetProperty("geometry").GetProperty("coordinates").EnumerateArray()];
        Assert.Equal(2, rings.Length);
        Assert.All(rings, points => Assert.Equal(points[0].ToString(), points[points.GetArrayLength() - 1].ToString()));
        Assert.True(SignedArea(rings[0]) > 0, "clockwise on the screen");
        Assert.True(SignedArea(rings[1]) < 0, "anticlockwise on the screen");
    }

    [Fact]
    public void Coco_is_read_with_polygons_runs_compressed_runs_and_scores()
    {
        AnnotationSet set = Read("instances.json", """
            {"images":[{"id":7,"file_name":"a.jpg","height":4,"width":5},{"id":8,"file_name":"empty.jpg","height":2,"width":2}],
             "categories":[{"id":3,"name":"nucleus"},{"id":9,"name":"never drawn"}],
             "annotations":[
              {"id":1,"image_id":7,"category_id":3,"segmentation":[[0,0,2,0,2,2,0,2],[3,3,5,3,5,4,3,4]],
               "area":6,"bbox":[0,0,5,4],"iscrowd":0},
              {"id":2,"image_id":7,"category_id":3,"segmentation":{"size":[4,5],"counts":[0,1,19]},"iscrowd":1,"score":0.75},
              {"id":3,"image_id":7,"category_id":3,"segmentation":{"size":[4,5],"counts":"43="}},
              {"id":4,"image_id":7,"category_id":3,"bbox":[1,1,2,2]}]}
            """);
        Assert.Equal(["a.jpg", "empty.jpg"], set.Images.Select(image => image.Name));
        Assert.Empty(set.Images[1].Objects);
        Assert.Equal(["nucleus", "never drawn"], set.Labels);
        AnnotatedObject[] objects = [.. set.Images[0].Objects];
        Assert.Equal([(0, 0), (1, 0), (0, 1), (1, 1), (3, 3), (4, 3)], Pixels(objects[0], 4, 5));
        Assert.Equal([(0, 0)], Pixels(objects[1], 4, 5));
        Assert.True(objects[1].IsCrowd);
        Assert.Equal(0.75, objects[1].Score);

        // 4 outside, 3 inside, 13 outside, down the columns: the second column's first three rows.
        Assert.Equal([(1, 0), (1, 1), (1, 2)], Pixels(objects[2], 4, 5));
        Assert.Equal("a box", Assert.Single(set.LeftOut).Received);
    }

    [Fact]
    public void Coco_files_state_area_box_and_score()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("coco.json");
        AnnotatedObject drawn = Rectangle(1, 2, 4, 4) with { Score = 0.5 };
        AnnotationFile.WriteCoco(AnnotationSet.Of([new AnnotatedImage("a.png", 5, 6, [drawn])]), path);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        JsonElement annotation = document.RootElement.GetProperty("annotations")[0];
        Assert.Equal(6, annotation.GetProperty("area").GetInt32());
        Assert.Equal([1, 2, 3, 2], annotation.GetProperty("bbox").EnumerateArray().Select(number => number.GetInt32()));
        Assert.Equal(0.5, annotation.GetProperty("score").GetDouble());
        Assert.Equal(0, annotation.GetProperty("iscrowd").GetInt32());
    }

    [Fact]
    public void Boxes_are_filled_where_that_is_asked_for()
    {
        const string Voc = """
            <annotation><filename>a.jpg</filename><size><width>5</width><height>4</height><depth>3</depth></size>
            <object><name>cat</name><bndbox><xmin>2</xmin><ymin>1</ymin><xmax>3</xmax><ymax>1</ymax></bndbox></object>
            <object><name>dog</name><polygon><x1>0</x1><y1>0</y1>
            <x2>2</x2><y2>0</y2><x3>2</x3><y3>1</y3><x4>0</x4><y4>1</y4></polygon></object>
            </annotation>
            """;
        Assert.Single(Read("a.xml", Voc).LeftOut);
        AnnotatedImage image = Read("a.xml", Voc, new AnnotationReadOptions { FillBoxes = true }).Images.Single();
        Assert.Equal(("a.jpg", 4, 5), (image.Name, image.Height, image.Width));

        // Pascal VOC counts pixels from 1, and the last one belongs to the box.
        Assert.Equal([(1, 0), (2, 0)], Pixels(image.Objects[0], 4, 5));
        Assert.Equal([(0, 0), (1, 0)], Pixels(image.Objects[1], 4, 5));
    }

    [Fact]
    public void Cvat_is_read_with_polygons_masks_and_order()
    {
        AnnotationSet set = Read("annotations.xml", """
            <?xml version="1.0" encoding="utf-8"?>
            <annotations><version>1.1</version><meta><task><labels>
            <label><name>cell</name></label><label><name>unused</name></label></labels></task></meta>
            <image id="0" name="folder/a.png" width="5" height="4">
              <mask label="cell" occluded="0" rle="1, 2, 1" left="1" top="2" width="2" height="2" z_order="1"/>
              <polygon label="cell" points="0.00,0.00;2.00,0.00;2.00,1.00;0.00,1.00" z_order="0"/>
              <points label="cell" points="1,1" z_order="0"/>
              <tag label="whole image"/>
            </image></annotations>
            """);
        AnnotatedImage image = set.Images.Single();
        Assert.Equal(["cell", "unused"], set.Labels);
        Assert.Equal([(0, 0), (1, 0)], Pixels(image.Objects[0], 4, 5));

        // Along the rows of the box: outside, two inside, outside.
        Assert.Equal([(2, 2), (1, 3)], Pixels(image.Objects[1], 4, 5));
        Assert.Contains("points", Assert.Single(set.LeftOut).Received, StringComparison.Ordinal);
    }

    [Fact]
    public void Label_studio_is_read_with_percents_and_brush()
    {
        bool[] mask = [false, true, false, false, true, true, false, false];
        string bytes = string.Join(',', BrushEncoder.Encode(mask));
        AnnotationSet set = Read("export.json", $$"""
            [{"id":1,"data":{"image":"/data/upload/3/0a1b2c3d-my picture.png"},"annotations":[{"result":[
              {"type":"polygonlabels","original_width":4,"original_height":2,
               "value":{"points":[[0,0],[50,0],[50,50],[0,50]],"polygonlabels":["cell"] } },
              {"type":"brushlabels","original_width":4,"original_height":2,
               "value":{"format":"rle","rle":[{{bytes}}],"brushlabels":["wall"] } },
              {"type":"rectanglelabels","original_width":4,"original_height":2,
               "value":{"x":0,"y":0,"width":50,"height":50,"rotation":0,"rectanglelabels":["cell"] } },
              {"type":"choices","value":{"choices":["good"] } }]}]}]
            """);
        AnnotatedImage image = set.Images.Single();
        Assert.Equal(("my picture.png", 2, 4), (image.Name, image.Height, image.Width));
        Assert.Equal(["cell", "wall"], image.Objects.Select(drawn => drawn.Label));
        Assert.Equal([(0, 0), (1, 0)], Pixels(image.Objects[0], 2, 4));
        Assert.Equal(mask, image.Objects[1].ToMask(2, 4));
        Assert.Equal("a box", Assert.Single(set.LeftOut).Received);
    }

    [Fact]
    public void Labelme_is_read_with_polygons_rectangles_circles_and_masks()
    {
        using var stream = new MemoryStream();
        ImageWriter.Write(new PixelImage(2, 1, 1, [255, 0]), stream);
        AnnotationSet set = Read("a.json", $$"""
            {"version":"5.4.1","imagePath":"..\\images\\a.png","imageHeight":4,"imageWidth":5,"imageData":null,"shapes":[
              {"label":"cell","shape_type":"polygon","points":[[0,0],[1,0],[1,1],[0,1]]},
              {"label":"cell","shape_type":"rectangle","points":[[4,3],[2,2]]},
              {"label":"cell","shape_type":"circle","points":[[2.5,1.5],[3.5,1.5]]},
              {"label":"cell","shape_type":"mask","points":[[3,0],[4,0]],"mask":"{{Convert.ToBase64String(stream.ToArray())}}"},
              {"label":"cell","shape_type":"linestrip","points":[[0,0],[1,1]]}]}
            """);
        AnnotatedImage image = set.Images.Single();
        Assert.Equal([(0, 0)], Pixels(image.Objects[0], 4, 5));
        Assert.Equal([(2, 2), (3, 2)], Pixels(image.Objects[1], 4, 5));
        Assert.Contains((2, 1), Pixels(image.Objects[2], 4, 5));
        Assert.Equal([(3, 0)], Pixels(image.Objects[3], 4, 5));
        Assert.Single(set.LeftOut);
    }

    [Theory]
    [InlineData("a.json", "")]
    [InlineData("a.json", "{}")]
    [InlineData("a.json", "[1]")]
    [InlineData("a.json", "{\"images\":[{\"id\":1}],\"annotations\":[],\"categories\":[]}")]
    [InlineData("a.json", "{\"images\":[],\"annotations\":[{\"image_id\":3,\"category_id\":1}],\"categories\":[]}")]
    [InlineData("a.json", "{\"images\":[{\"id\":1,\"file_name\":\"a\",\"height\":2,\"width\":2}],"
        + "\"categories\":[{\"id\":1,\"name\":\"c\"}],"
        + "\"annotations\":[{\"image_id\":1,\"category_id\":1,\"segmentation\":{\"size\":[2,2],\"counts\":[9]}}]}")]
    [InlineData("a.json", "{\"type\":\"FeatureCollection\",\"features\":[{\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[1,2]]}}]}")]
    [InlineData("a.json", "{\"type\":\"FeatureCollection\",\"features\":[{\"geometry\":"
        + "{\"type\":\"Polygon\",\"coordinates\":[[[1,1e999]]]}}]}")]
    [InlineData("a.xml", "<annotations><image name='a' width='0' height='1'/></annotations>")]
    [InlineData("a.xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><annotations>&b;</annotations>")]
    [InlineData("a.xml", "<html/>")]
    [InlineData("a.xml", "<annotations><image name='a' width='2' height='2'>"
        + "<mask label='c' rle='9' left='0' top='0' width='2' height='2'/></image></annotations>")]
    public void Broken_files_are_refused_with_their_path(string name, string content)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write(name, Encoding.UTF8.GetBytes(content));
        Assert.Contains(path, Assert.Throws<AnnotationException>(() => AnnotationFile.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_refused() => Assert.Throws<AnnotationException>(() => AnnotationFile.Read("missing.json"));

    private static AnnotationSet Read(string name, string content, AnnotationReadOptions? options = null)
    {
        using var folder = new TemporaryFolder();
        return AnnotationFile.Read(folder.Write(name, Encoding.UTF8.GetBytes(content)), options);
    }

    private static AnnotatedObject Rectangle(double left, double top, double right, double bottom) =>
        new("cell", [new AnnotationPolygon([new(left, top), new(right, top), new(right, bottom), new(left, bottom)])]);

    private static (int X, int Y)[] Pixels(AnnotatedObject drawn, int height, int width)
    {
        bool[] mask = drawn.ToMask(height, width);
        return [.. Enumerable.Range(0, mask.Length).Where(i => mask[i]).Select(i => (i % width, i / width))];
    }

    private static double SignedArea(JsonElement ring)
    {
        (double X, double Y)[] points = [.. ring.EnumerateArray().Select(point => (point[0].GetDouble(), point[1].GetDouble()))];
        return points.Zip(points.Skip(1), (from, to) => (from.X * to.Y) - (to.X * from.Y)).Sum() / 2;
    }
}
